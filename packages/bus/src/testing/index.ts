export { describeContract } from './contract/describe-contract.ts'
export type { ContractDriver, ContractSubject } from './contract/driver.ts'
export {
  createVirtualRuntime,
  idle,
  type VirtualRuntime,
  type VirtualRuntimeOptions,
} from './virtual-runtime.ts'
