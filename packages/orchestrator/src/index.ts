export {
  createOrchestrator,
  type ForkRunOptions,
  type Orchestrator,
  type OrchestratorOptions,
  type RunOptions,
  type StartedRun,
} from './orchestrator.ts'
export {
  type ReplayDivergence,
  type ReplayedDelivery,
  type ReplayReport,
  type ReplayRunOptions,
  type ReplaySource,
  replayRun,
} from './replay.ts'
export { type RunResult, recordedResult } from './run-result.ts'
export type { DivergenceWhy } from './why.ts'
