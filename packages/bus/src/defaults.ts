/** Every limit and its default. Each can be overridden where a bus, a role, a run or a model is made. */
export const DEFAULTS = Object.freeze({
  /** Attempts of one delivery. */
  attempts: 3,
  /** Backoff before the second attempt; it doubles with each further one, with full jitter. */
  backoffMs: 250,
  maxBackoffMs: 10_000,
  /** Time of one attempt, without what it spends waiting for a model. */
  deliveryTimeoutMs: 120_000,
  /** Starts of one attempt, before a delivery that keeps killing the process is dead. */
  startsPerAttempt: 3,
  /** Lease of a journal that needs renewals and was not told its own. */
  leaseMs: 30_000,
  /** Hops of one run. */
  maxHops: 32,
  /** Live runs of one bus. */
  liveRuns: 1_000,
  /** Deliveries that one role works on at once. */
  roleConcurrency: 64,
  /** Model requests at once, for each model. */
  modelRequestsAtOnce: 8,
  /** Longest silence of a model's answer; all tries together last as many times that as they are. */
  modelTimeoutMs: 60_000,
  /** Retries of the model's client, the only place where a request is made again. */
  modelRetries: 2,
  /** Longest Retry-After that the model's client obeys. */
  maxRetryAfterMs: 30_000,
  /** Corrections of structured output. */
  corrections: 2,
  /** Rounds of tool calls in one `generate`. */
  toolRounds: 8,
  /** Longest wait for the reply to an ask. */
  askTimeoutMs: 60_000,
  /** Time that listeners have left when their run has ended. */
  listenerGraceMs: 1_000,
  /** Time of one run that the command line starts. */
  cliTimeoutMs: 300_000,
  /** Closed runs that the memory journal keeps. */
  closedRuns: 1_000,
})
