import {
  type JournalReader,
  type JournalRecord,
  listenerOfDelivery,
  messageOfDelivery,
} from '@nanoagent/bus'

/** Who handles which message of the runs that are watched: records of a handling do not all say so. */
export class Recipients {
  readonly #journal: JournalReader
  /** Roles by message, of each run. */
  readonly #runs = new Map<string, Map<string, string>>()

  constructor(journal: JournalReader) {
    this.#journal = journal
  }

  /** The role whose doing a record tells of; empty where it tells of nobody's. */
  async of(record: JournalRecord): Promise<string> {
    if (record.kind === 'message') {
      const { message } = record
      const roles = await this.#rolesOf(record)
      roles.set(message.id, message.to)
      return message.from
    }
    if (!('messageId' in record)) return ''
    const { messageId } = record
    const roles = await this.#rolesOf(record)
    return listenerOfDelivery(messageId) ?? roles.get(messageOfDelivery(messageId)) ?? ''
  }

  /** A run is over. */
  forget(runId: string): void {
    this.#runs.delete(runId)
  }

  /** Of a run that has begun before it was watched, its earlier messages are read. */
  async #rolesOf({ runId, seq }: JournalRecord): Promise<Map<string, string>> {
    const known = this.#runs.get(runId)
    if (known !== undefined) return known
    const roles = new Map<string, string>()
    this.#runs.set(runId, roles)
    for await (const record of this.#journal.read({ runId })) {
      if (record.seq >= seq) break
      if (record.kind === 'message') roles.set(record.message.id, record.message.to)
    }
    return roles
  }
}
