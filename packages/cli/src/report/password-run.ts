import type { PasswordTeam } from '@nanoagent/agents'
import type { RunResult } from '@nanoagent/orchestrator'

/** What came of a run of the password team. */
export type PasswordRun = RunResult<PasswordTeam['terminal'], PasswordTeam['context']>
