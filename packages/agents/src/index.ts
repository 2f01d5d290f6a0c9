export {
  type Agent,
  type AgentContext,
  type AgentDefinition,
  defineAgent,
} from './agent.ts'
export { answerer } from './assistant/answerer.ts'
export { ASSISTANT_INSTRUCTIONS, type AssistantOptions, assistant } from './assistant/assistant.ts'
export {
  ChatAnswered,
  ChatSubmitted,
  QuestionAnswered,
  QuestionAsked,
} from './assistant/messages.ts'
export { type AskTeam, askTeam, type ChatTeam, chatTeam } from './assistant/teams.ts'
export { type CheckAnyTool, checkAnyPasswordTool } from './assistant/tools.ts'
export { configureTeam } from './configure-team.ts'
export { type AgentDelta, createContext, type GenerationLimits } from './context.ts'
export {
  DefinitionError,
  GenerationError,
  MemoryMismatchError,
  ToolContractError,
  WiringError,
  type WiringProblem,
} from './errors.ts'
export { limitRequests } from './limit-requests.ts'
export { defineListener, type Listener, type ListenerDefinition } from './listener.ts'
export type {
  JsonSchema,
  Model,
  ModelCallOptions,
  ModelDelta,
  ModelMessage,
  ModelRequest,
  ModelResponse,
  TokenUsage,
  ToolCall,
  ToolSpec,
} from './model.ts'
export { ModelError, type ModelErrorCode, type ModelErrorDetails } from './model-error.ts'
export type { ModelSettings } from './model-settings.ts'
export { namedContext } from './named-context.ts'
export {
  createOfflineModel,
  latestPrompt,
  type OfflineAnswer,
  type OfflineReply,
  toolResults,
} from './offline/offline-model.ts'
export type { RandomInt } from './password/index.ts'
export {
  attemptsIn,
  DEFAULT_RETRIES,
  MAX_RETRIES,
  type SendBack,
} from './password-team/attempts.ts'
export { implementer } from './password-team/implementer.ts'
export {
  AuditReported,
  ChecksJoined,
  GuidanceWritten,
  MAX_REQUEST_LENGTH,
  PasswordReady,
  PasswordRejected,
  PasswordReviewed,
  PasswordTested,
  PlanReady,
  PurposeAsked,
  PurposeExplained,
  RequestSubmitted,
} from './password-team/messages.ts'
export { planner } from './password-team/planner.ts'
export { reviewer } from './password-team/reviewer.ts'
export { securityAuditor } from './password-team/security-auditor.ts'
export {
  type AnyPasswordTeam,
  type PasswordTeam,
  type PasswordTeamOptions,
  passwordTeam,
  SPECIALISTS,
  type Specialist,
} from './password-team/team.ts'
export { builtInTeams } from './password-team/teams.ts'
export { tester } from './password-team/tester.ts'
export {
  type CheckTool,
  checkPasswordStrengthTool,
  type GenerateMultipleTool,
  type GenerateTool,
  generateMultiplePasswordsTool,
  generatePasswordTool,
} from './password-team/tools.ts'
export { uxWriter } from './password-team/ux-writer.ts'
export {
  agentPlayer,
  type ContextOf,
  listenerPlayer,
  type ReplayPlayers,
  replayPlayers,
} from './players.ts'
export {
  type AskRoute,
  type BranchesTo,
  type BranchOf,
  type FanOutRoute,
  fanOut,
  type RoleFor,
  type Route,
  type TypeFor,
  to,
} from './routes.ts'
export {
  type AgentSignature,
  defineTeam,
  type NamedContext,
  type NamedTypes,
  type Team,
  type TeamSignature,
  teamSignature,
} from './team.ts'
export { defineTool, type Tool, type ToolContext, type ToolDefinition } from './tool.ts'
export { mermaidOf } from './wiring/diagram.ts'
export { typesOf } from './wiring/names.ts'
export {
  type AgentWiring,
  type ListenerWiring,
  type TeamWiring,
  type WiringRoute,
  wiringOf,
} from './wiring/team-wiring.ts'
export type {
  AgentHistory,
  GenerateOptions,
  ToolInput,
  ToolResult,
  WorkContext,
  Worker,
  WorkerDefinition,
  WorkMemory,
} from './worker.ts'
