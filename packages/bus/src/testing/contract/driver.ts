import type { Journal } from '../../journal.ts'
import type { Transport } from '../../transport.ts'
import type { VirtualRuntime } from '../virtual-runtime.ts'

/** One fresh world for one test: a journal with nothing in it, and what goes with it. */
export interface ContractDriver {
  /** Tells its leases, if it has any, by `runtime.elapsed()`. */
  readonly journal: Journal
  /** Default: inside this process. */
  readonly transport?: Transport
  readonly runtime: VirtualRuntime
  /** Closed runs that the journal keeps at most; absent where it keeps all. */
  readonly closedRuns?: number
  /** Makes the journal know that this owner is dead; absent where it cannot be told. */
  readonly kill?: (owner: string) => void
  /**
   * Resolves when what the journal and the transport were asked for is done and answered. Default:
   * one turn of the event loop, for drivers that need no more.
   */
  readonly idle?: () => Promise<void>
  /** Called after the test, with the journal closed. */
  readonly dispose?: () => void | Promise<void>
}

/** What the contract is run against. */
export interface ContractSubject {
  /** What the tests are grouped under. */
  readonly name: string
  readonly open: () => ContractDriver | Promise<ContractDriver>
}
