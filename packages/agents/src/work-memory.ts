import type { AnySchema, DeepReadonly, DeliveryMemory, FoundMemory, Secret } from '@nanoagent/bus'
import type { z } from 'zod'
import { MemoryMismatchError } from './errors.ts'
import { describeIssues } from './issues.ts'
import { quiet } from './quiet.ts'
import type { WorkMemory } from './worker.ts'

/** The memory of a role: what a delivery offers, with values parsed. */
export class RoleMemory implements WorkMemory {
  readonly #role: string
  readonly #memory: DeliveryMemory

  constructor(role: string, memory: DeliveryMemory) {
    this.#role = role
    this.#memory = memory
  }

  get<Schema extends AnySchema>(
    key: string,
    schema: Schema,
  ): Promise<DeepReadonly<z.output<Schema>> | undefined>
  get(key: string, schema: z.ZodType): Promise<unknown> {
    return quiet(this.#get(key, schema))
  }

  async #get(key: string, schema: z.ZodType): Promise<unknown> {
    const value = await this.#memory.get(key)
    if (value === undefined) return undefined
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    throw new MemoryMismatchError(this.#role, key, describeIssues(parsed.error))
  }

  set(key: string, value: unknown): void {
    this.#memory.set(key, value)
  }

  search(text: string, options?: { readonly limit?: number }): Promise<readonly FoundMemory[]> {
    return this.#memory.search(text, options)
  }

  fingerprint(secret: Secret): Promise<string> {
    return this.#memory.fingerprint(secret)
  }
}
