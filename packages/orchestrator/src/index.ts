export { type AttachAgentOptions, type AttachedDelivery, attachAgent } from './attach-agent.ts'
export {
  type CheckCounts,
  type CheckedOutcome,
  type CheckedRun,
  type CheckReport,
  type CheckRunsOptions,
  checkRuns,
} from './checking/check-runs.ts'
export { describeCheckedRun } from './checking/describe-run.ts'
export { type JunitOptions, junitXml } from './checking/junit.ts'
export { type RunsFile, type RunsFileOnDisk, runFiles } from './checking/run-files.ts'
export {
  type RunMaker,
  type UpdatedRun,
  type UpdateRunsOptions,
  updateRuns,
} from './checking/update-runs.ts'
export {
  createOrchestrator,
  type ForkRunOptions,
  type Orchestrator,
  type OrchestratorOptions,
  type RunOptions,
  type StartedRun,
} from './orchestrator.ts'
export type { RehearsedRunsOptions } from './rehearsed-runs.ts'
export {
  type ReplayDivergence,
  type ReplayedDelivery,
  type ReplayReport,
  type ReplayRunOptions,
  type ReplaySource,
  type ReplayVerdict,
  replayRun,
} from './replay.ts'
export { type AgentReplay, type ReplayAgentOptions, replayAgent } from './replay-agent.ts'
export { type RunResult, recordedResult } from './run-result.ts'
export { type DivergenceWhy, describeWhy } from './why.ts'
export { type DataChange, withChanges } from './with-changes.ts'
