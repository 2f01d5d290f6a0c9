import type { AnyPasswordTeam } from '@nanoagent/agents'
import type { RunResult } from '@nanoagent/orchestrator'

/** What came of a run of a password team. */
export type PasswordRun = RunResult<AnyPasswordTeam['terminal'], AnyPasswordTeam['context']>
