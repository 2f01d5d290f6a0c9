import { hash } from 'node:crypto'

/** One OTLP attribute value. */
export type OtlpValue =
  | { readonly stringValue: string }
  /** A whole number, as a text so that none is rounded. */
  | { readonly intValue: string }
  | { readonly doubleValue: number }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values: readonly OtlpValue[] } }

/** One OTLP attribute. */
export interface OtlpAttribute {
  readonly key: string
  readonly value: OtlpValue
}

/** One span as OTLP has it in JSON: ids in hexadecimal, times in nanoseconds as texts. */
export interface OtlpSpan {
  readonly traceId: string
  readonly spanId: string
  /** Absent on the root span. */
  readonly parentSpanId?: string
  readonly name: string
  /** 1 internal, 3 client, 4 producer, 5 consumer. */
  readonly kind: 1 | 3 | 4 | 5
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: readonly OtlpAttribute[]
  readonly links: readonly {
    readonly traceId: string
    readonly spanId: string
    readonly attributes: readonly OtlpAttribute[]
  }[]
  /** Present where it failed: code 2 is an error. */
  readonly status?: { readonly code: 2; readonly message?: string }
}

/** What OTLP calls `TracesData`: the spans of one run. */
export interface OtlpTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] }
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string }
      readonly spans: readonly OtlpSpan[]
    }[]
  }[]
}

/** A value of an attribute; what is `undefined` makes none. */
type Plain = string | number | boolean | readonly string[] | undefined

/** Attributes by their names. */
export type Attributes = Readonly<Record<string, Plain>>

/** A span before it has its ids. */
export interface SpanDraft {
  /** What it is called after: a causal id, with its kind before it. */
  readonly key: string
  /** The key of its parent; absent for the root span. */
  readonly parent?: string
  readonly name: string
  readonly kind: keyof typeof KINDS
  /** Epoch milliseconds. */
  readonly startedAt: number
  /** Not before its start: clocks may have been set back. */
  readonly endedAt: number
  readonly attributes: Attributes
  /** Keys of spans that it follows from besides. */
  readonly links?: readonly string[]
  /** Why it failed; absent where it did not. */
  readonly error?: { readonly type: string; readonly message?: string }
}

const KINDS = { internal: 1, client: 3, producer: 4, consumer: 5 } as const

/** The spans of a run in OTLP. The ids are hashes, so that an export is the same each time. */
export function otlpSpans(runId: string, drafts: readonly SpanDraft[]): readonly OtlpSpan[] {
  const traceId = digits(`trace ${runId}`, 32)
  const spanId = (key: string) => digits(key, 16)
  return drafts.map(
    ({ key, parent, name, kind, startedAt, endedAt, attributes, links, error }) => ({
      traceId,
      spanId: spanId(key),
      ...(parent === undefined ? {} : { parentSpanId: spanId(parent) }),
      name,
      kind: KINDS[kind],
      startTimeUnixNano: nanoseconds(startedAt),
      endTimeUnixNano: nanoseconds(Math.max(startedAt, endedAt)),
      attributes: otlpAttributes({ ...attributes, 'error.type': error?.type }),
      links: (links ?? []).map((key) => ({ traceId, spanId: spanId(key), attributes: [] })),
      ...(error === undefined ? {} : { status: statusOf(error) }),
    }),
  )
}

function statusOf({ message }: NonNullable<SpanDraft['error']>): NonNullable<OtlpSpan['status']> {
  return { code: 2, ...(message === undefined ? {} : { message }) }
}

/** Attributes as OTLP has them, without those that are `undefined`. */
export function otlpAttributes(attributes: Attributes): readonly OtlpAttribute[] {
  return Object.entries(attributes).flatMap(([key, plain]) => {
    const value = otlpValue(plain)
    return value === undefined ? [] : [{ key, value }]
  })
}

function otlpValue(plain: Plain): OtlpValue | undefined {
  switch (typeof plain) {
    case 'undefined':
      return undefined
    case 'string':
      return { stringValue: plain }
    case 'boolean':
      return { boolValue: plain }
    case 'number':
      return Number.isSafeInteger(plain) ? { intValue: String(plain) } : { doubleValue: plain }
    default:
      return { arrayValue: { values: plain.map((stringValue) => ({ stringValue })) } }
  }
}

function digits(key: string, length: number): string {
  return hash('sha256', key).slice(0, length)
}

function nanoseconds(epochMs: number): string {
  return (BigInt(Math.round(epochMs)) * 1_000_000n).toString()
}
