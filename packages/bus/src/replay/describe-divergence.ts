import { canonicalJson } from '../canonical.ts'
import { policyText } from '../join-type.ts'
import type { Divergence, ReplayedEnd, ReplayedMessage } from './divergence.ts'

/** A divergence in words: `<what>: expected <expected>, got <actual>`. Ids of the run begin with `~`. */
export interface DivergenceText {
  readonly what: string
  readonly expected: string
  readonly actual: string
}

/** Says in words where an attempt does something else than was recorded. Secrets are their handles. */
export function describeDivergence(divergence: Divergence): DivergenceText {
  const runId = /^[\w-]+/.exec(divergence.deliveryId)?.[0] ?? ''
  const json = (value: unknown) => canonicalJson(value, runId)
  const { how, number = 1, differences } = divergence
  const isSecret = differences.length > 0 && differences.every((one) => one.isSecretValue === true)
  switch (divergence.what) {
    case 'inbox':
      return texts(divergence, json, 'the message cannot be handled any more')
    case 'step': {
      const what = {
        changed: `step ${number} asks for something else${isSecret ? ': with the value of a secret' : ''}`,
        missing: `step ${number} is not asked for again`,
        added: `step ${number} is not in the record`,
      }
      return texts(divergence, stepText(divergence, json), what[how], 'no step')
    }
    case 'log':
      return texts(divergence, json, `line ${number} of its log differs`, 'no line')
    case 'memory':
      return texts(divergence, json, `what it remembers differs (${number})`, 'nothing')
    case 'end':
      return texts(divergence, endText, 'it ends differently', 'no end')
    case 'fan-out':
      return texts(divergence, fanOutText, 'it ends differently')
    case 'message':
      return messageTexts(divergence, json)
  }
}

type Json = (value: unknown) => string
type Of<What> = Divergence & { readonly what: What }

function texts<Part>(
  { expected, actual }: { readonly expected: Part | undefined; readonly actual: Part | undefined },
  shown: (part: Part) => string,
  what: string,
  nothing = 'nothing',
): DivergenceText {
  const text = (part: Part | undefined) => (part === undefined ? nothing : shown(part))
  return { what, expected: text(expected), actual: text(actual) }
}

function stepText({ actual, expected, differences }: Of<'step'>, json: Json) {
  const isSaid = differences.some(({ path }) => /^(?:content|metadata)/.test(path))
  return (step: NonNullable<typeof actual | typeof expected>): string => {
    if ('request' in step) return `${step.stepKind} '${step.name}' ${json(step.request)}`
    const { stepKind, id: _id, type, content, metadata, ...asked } = step
    return `${stepKind} '${type}' ${json(isSaid ? { ...asked, content, metadata } : asked)}`
  }
}

function endText(end: ReplayedEnd): string {
  return end.outcome === 'done' ? 'succeeds' : `fails with ${end.error.code}: ${end.error.message}`
}

function fanOutText(fanOut: Of<'fan-out'>['actual'] | null): string {
  if (fanOut === null || fanOut === undefined) return 'does not fan out'
  const { join, to, policy } = fanOut
  return `fans out, joined as ${join} at '${to}' (${policyText(policy)})`
}

/** The fields of a message, the one that matters most first. */
const FIELDS = ['data', 'metadata', 'content'] as const

const NAMES = { content: 'line', metadata: 'metadata', data: 'data' } as const

function messageTexts(divergence: Of<'message'>, json: Json): DivergenceText {
  const { expected, actual, differences } = divergence
  const branch = /\.b\w+$/.test((expected ?? actual)?.id ?? '')
  const sent = ({ id, type, to }: ReplayedMessage) => `hands ${type} to '${to}' as ${json(id)}`
  const isIn = (field: string) => differences.some(({ path }) => path.split('.')[0] === field)
  const field = FIELDS.find(isIn)
  const isElsewhere = ['id', 'to', 'type'].some(isIn)
  if (expected === undefined || actual === undefined || field === undefined || isElsewhere) {
    return texts(
      divergence,
      sent,
      'it ends differently',
      branch ? 'no branch' : 'hands nothing off',
    )
  }
  const isSecret = differences.every(({ isSecretValue }) => isSecretValue === true)
  const which = branch ? ` to '${expected.to}' (branch ${divergence.number})` : ''
  const how = isSecret ? 'differs in the value of a secret' : 'differs'
  return {
    what: `the ${NAMES[field]} of ${expected.type}${which} ${how}`,
    expected: json(expected[field]),
    actual: json(actual[field]),
  }
}
