export { addBatches, type BatchReport, simulateBatch, summarize } from './batch.ts'
export type { ScheduleLine } from './events.ts'
export { explain } from './explain.ts'
export { type Broken, INVARIANTS, type Invariant } from './invariants.ts'
export type { Sabotage, SimulatedSubscriber } from './sabotage.ts'
export { shrink } from './shrink.ts'
export {
  type SimulationCounts,
  type SimulationOptions,
  type SimulationReport,
  simulate,
} from './simulate-seed.ts'
export type { CreateStore, Store } from './store.ts'
export { type SeedRange, simulateOnWorkers } from './workers.ts'
