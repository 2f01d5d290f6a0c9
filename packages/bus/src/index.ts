export type { Backoff } from './backoff.ts'
export {
  type Bus,
  type BusOptions,
  createBus,
  type DrainReport,
  type PublishOptions,
  type ResumeOptions,
} from './bus.ts'
export { canonicalHash, canonicalJson } from './canonical.ts'
export { CloudEvent, fromCloudEvent, toCloudEvent } from './cloud-event.ts'
export { type DeepReadonly, MAX_DATA_BYTES, NotJsonError, toData } from './data.ts'
export { DEFAULTS } from './defaults.ts'
export type { AskOptions, Branch, DeliveryContext, JoinAt, ReplyData } from './delivery-context.ts'
export * from './errors.ts'
export type { ForkOptions } from './fork/fork.ts'
export { recordsInRun } from './fork/moved-record.ts'
export {
  type BranchCancelled,
  type BranchDone,
  type BranchFailed,
  type BranchResult,
  defineJoin,
  isJoinType,
  type Joined,
  type JoinPolicy,
  type JoinType,
  policyText,
  valuesOf,
} from './join-type.ts'
export {
  DURABILITY,
  type Durability,
  type Journal,
  type JournalFeatures,
  type JournalMemory,
  type JournalReader,
  type JournalRequirements,
  type Lease,
  type MemoryListing,
  type MemoryQuery,
  type MemoryScope,
  type ReadQuery,
  type RunEntry,
  type RunsQuery,
  requireFeatures,
  type StoredQuery,
} from './journal.ts'
export { createMemoryJournal, type MemoryJournalOptions } from './journals/memory.ts'
export { type Logger, logRecord } from './logger.ts'
export type { DeliveryMemory, FoundMemory, MemoryReads } from './memory-steps.ts'
export { mermaidText } from './mermaid-text.ts'
export {
  COORDINATOR,
  isOfType,
  type Message,
  type MessageOf,
  type MessageOptions,
  titleOf,
} from './message.ts'
export {
  type AnySchema,
  type DataOf,
  defineMessage,
  type InputOf,
  type MessageType,
  type ReplyOf,
  type RequestType,
} from './message-type.ts'
export {
  askPath,
  branchPath,
  copyPath,
  externalPath,
  formatNumber,
  handoffPath,
  hopsOf,
  isMessagePath,
  joinPath,
  listenerOfDelivery,
  type MessagePath,
  memoryPath,
  messageOfDelivery,
  parseMessagePath,
  parseStepPath,
  RUN_TOKEN,
  replyPath,
  stepPath,
  withoutRunId,
} from './paths.ts'
export { type Random, seededRandom, seedFrom } from './random.ts'
export {
  type SharedContext,
  sharedContext,
} from './reading/context.ts'
export { type DeadLetterReading, deadLetters } from './reading/dead-letters.ts'
export {
  type AttemptDiff,
  diffRuns,
  type MessageDiff,
  type RunsDiff,
  type StepDiff,
} from './reading/diff.ts'
export { type ComparedRuns, type Difference, differences } from './reading/differences.ts'
export { findMessage, type MessagesOfRun } from './reading/find-message.ts'
export { findRun, shortestRef } from './reading/find-run.ts'
export {
  type AttemptReading,
  type CausalGraph,
  type CopyReading,
  causalGraph,
  causesOf,
  coneOf,
  type FirstFailure,
  type GraphEdge,
  type GraphNode,
} from './reading/graph.ts'
export { listRuns, type ReadingQuery } from './reading/list-runs.ts'
export {
  listMemories,
  type MemoryListQuery,
  type QuotingRun,
  runsQuoting,
} from './reading/memories.ts'
export { inOneTime, readInOneTime } from './reading/one-time.ts'
export { type OtlpOptions, otlpTraces } from './reading/otlp/otlp.ts'
export type { OtlpAttribute, OtlpSpan, OtlpTraces, OtlpValue } from './reading/otlp/spans.ts'
export { type Outline, type OutlineStep, outlineOf } from './reading/outline.ts'
export { type RunReading, readRun } from './reading/read-run.ts'
export { type HandoffCount, type RoleStats, type RunStats, runStats } from './reading/run-stats.ts'
export { type RunSummary, summaryOf } from './reading/run-summary.ts'
export { sequenceDiagram } from './reading/sequence-diagram.ts'
export {
  listThreads,
  type ThreadQuery,
  type ThreadRun,
  type ThreadSummary,
  threadRuns,
} from './reading/threads.ts'
export type {
  DeadReason,
  ErrorRecord,
  FanOutRecord,
  ForkOrigin,
  InAttempt,
  InRun,
  JournalRecord,
  LogRecord,
  MemoryRecord,
  MessageRecord,
  RecordDraft,
  RunEndedRecord,
  RunLimits,
  RunOpenedRecord,
  RunReopenedRecord,
  RunStatus,
  SettleRecord,
  StartRecord,
  StepKind,
  StepRecord,
  Usage,
} from './records.ts'
export { RECORD_VERSION } from './records.ts'
export {
  type InboxDelivery,
  type InboxOutcome,
  type RehearsalOptions,
  recordedInbox,
} from './rehearsal/inbox.ts'
export { type OverheardMessage, overheardMessages } from './rehearsal/overheard.ts'
export type { Rehearsal } from './rehearsal/rehearsal.ts'
export { type DivergenceText, describeDivergence } from './replay/describe-divergence.ts'
export type {
  Divergence,
  DivergencePlace,
  FieldDifference,
  ReplayedAsk,
  ReplayedEnd,
  ReplayedMessage,
} from './replay/divergence.ts'
export {
  type ReplayedAttempt,
  type ReplayedDelivery,
  type ReplayOptions,
  replayDeliveries,
} from './replay/replay.ts'
export type { DeliveryOptions, Subscriber } from './role.ts'
export type { Run, RunEnd } from './run.ts'
export { type Runtime, type RuntimeTimer, systemRuntime } from './runtime.ts'
export { redact, Secret, type SecretSchema, secret, secretsIn, toJsonSchema } from './secret.ts'
export type { StepOptions, StepScope } from './steps.ts'
export { threadName } from './thread.ts'
export {
  type ExportOptions,
  type ExportProgress,
  type ExportReport,
  type ExportSource,
  exportRuns,
} from './transfer/export-runs.ts'
export { type ExportedRun, readExport } from './transfer/exported-runs.ts'
export {
  type ImportOptions,
  type ImportReport,
  type ImportTarget,
  importRuns,
} from './transfer/import-runs.ts'
export type { OpenExport, SecretsOptions } from './transfer/read-export.ts'
export { createLocalTransport, type Notice, type Transport } from './transport.ts'
export { usageOf } from './usage-count.ts'
