export {
  createOrchestrator,
  type Orchestrator,
  type OrchestratorOptions,
  type RunOptions,
  type RunResult,
  type StartedRun,
} from './orchestrator.ts'
