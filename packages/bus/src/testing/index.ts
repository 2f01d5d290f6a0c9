export { describeContract } from './contract/describe-contract.ts'
export type { ContractDriver, ContractSubject } from './contract/driver.ts'
export {
  addBatches,
  type BatchReport,
  type Broken,
  type CreateStore,
  explain,
  INVARIANTS,
  type Invariant,
  type Sabotage,
  type ScheduleLine,
  type SeedRange,
  type SimulatedSubscriber,
  type SimulationCounts,
  type SimulationOptions,
  type SimulationReport,
  type Store,
  shrink,
  simulate,
  simulateBatch,
  simulateOnWorkers,
  summarize,
} from './simulation/index.ts'
export {
  createVirtualRuntime,
  idle,
  type VirtualRuntime,
  type VirtualRuntimeOptions,
} from './virtual-runtime.ts'
export { wrapJournal } from './wrap-journal.ts'
