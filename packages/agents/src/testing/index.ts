export {
  createVirtualRuntime,
  type VirtualRuntime,
  type VirtualRuntimeOptions,
} from '@nanoagent/bus/testing/virtual-runtime'
export {
  expectHandoff,
  expectNoHandoff,
  expectPath,
  type HandedOff,
  type HandoffPattern,
} from './assertions.ts'
export type { CannedReplies, CannedReply } from './canned-replies.ts'
export { checkDeterminism, type RecordedRun } from './determinism.ts'
export { UnexpectedRequestError } from './errors.ts'
export type { RememberedValues } from './given-memory.ts'
export { type GivenMessage, type GivenMessageOptions, message } from './given-message.ts'
export type { HarnessOptions, TestRun } from './harness.ts'
export {
  type AgentRun,
  type AgentRunOptions,
  type FanOutOf,
  type GivenTo,
  type HandoffOf,
  runAgent,
} from './run-agent.ts'
export { runTeam, type TeamRun, type TeamRunOptions } from './run-team.ts'
export type {
  RequestExpectation,
  ScriptByRole,
  ScriptedAnswer,
  ScriptedReply,
  ScriptInOrder,
} from './script.ts'
export { createScriptedModel, type ScriptedModel } from './scripted-model.ts'
export { seededRandomInt } from './seeded-random-int.ts'
export { sleep } from './sleep.ts'
