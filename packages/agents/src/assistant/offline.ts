import { z } from 'zod'
import type { ModelRequest } from '../model.ts'
import { latestPrompt, type OfflineReply, toolResults } from '../offline/offline-model.ts'
import {
  namesPassword,
  type Plan,
  readRequest,
  readStatements,
  StrengthReport,
  wantsCheck,
} from '../password/index.ts'
import { toldPreferences } from '../password-team/preferences.ts'
import { generateCall } from '../password-team/tools.ts'
import { rememberPreferenceTool } from './tools.ts'

const HANDLE = /secret:[^\s`'",;)]+/g

/** What the assistant answers without a model: what the prompt asks for, by real calls of its tools. */
export function answerOffline(request: ModelRequest): OfflineReply {
  const prompt = latestPrompt(request)
  const plan = () => readRequest(prompt, toldPreferences(request.instructions))
  const results = toolResults(request)
  if (results.length > 0) return { content: told(plan(), results) }
  if (wantsCheck(prompt)) return check(prompt, earlierHandles(request))
  const { preferences, isPreferenceAlone } = readStatements(prompt)
  const toolCalls = [
    ...preferences.map((preference) => ({
      name: rememberPreferenceTool.name,
      arguments: preference,
    })),
    ...(namesPassword(prompt) && !isPreferenceAlone ? [generateCall(plan())] : []),
  ]
  return toolCalls.length > 0 ? { toolCalls } : { content: smallTalk }
}

const smallTalk =
  'I make passwords, passphrases and PINs, and say how strong one is. Try "Generate a secure ' +
  '20-character password", "Check if \'myP@ssw0rd!\' is secure enough" or "Give me 5 password options ' +
  'to choose from".'

function check(prompt: string, earlier: readonly string[]): OfflineReply {
  const passwords = typedPasswords(prompt) ?? meantHandles(prompt, earlier)
  if (passwords.length === 0) {
    return {
      content:
        "Which password? Write it in quotes, as in: Check if 'myP@ssw0rd!' is secure enough.",
    }
  }
  return {
    toolCalls: passwords.map((password) => ({
      name: 'check_password_strength',
      arguments: { password },
    })),
  }
}

/** The handles that stand in the conversation so far, each once. */
function earlierHandles({ messages }: ModelRequest): readonly string[] {
  const said = messages.slice(0, -1).map(({ content }) => content.match(HANDLE) ?? [])
  return [...new Set(said.flat())]
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth']

/** 'the second one', 'number 3', 'the last'; else the latest. */
function meantHandles(prompt: string, handles: readonly string[]): readonly string[] {
  const text = prompt.toLowerCase()
  if (/\blast\b/.test(text)) return handles.slice(-1)
  const ordinal = ORDINALS.findIndex((word) => RegExp(`\\b${word}\\b`).test(text))
  const number = /\b(?:number|no\.?|#|option)\s*(\d+)\b|\b(\d+)(?:st|nd|rd|th)\b/.exec(text)
  const place = ordinal >= 0 ? ordinal + 1 : Number(number?.[1] ?? number?.[2] ?? 0)
  return place > 0 ? handles.slice(place - 1, place) : handles.slice(-1)
}

const QUOTED = /(?<![\p{L}\p{N}])['"`‘“]([^\n]+?)['"`’”](?=[\s.,;:!?)]|$)/gu
const NAMED =
  /\b(?:is|are|check|test|rate|judge|how (?:strong|secure|safe|good|weak) is)\s+(?:if\s+|whether\s+)?(?:the\s+|my\s+|this\s+)?(?:password:?\s+)?(\S+)(.*)/isu
const PLAIN =
  /^(?:it|that|this|the|one|first|second|third|fourth|fifth|sixth|seventh|eighth|last|latest|number|option|these|them|all|my|a|an|password|passwords|of|if|how|strong|secure|safe|good)$/i
const GOES_ON =
  /^(?:$|[.,;:?!]|\s+(?:is|a|an|as|and|or|any|at|for|too|very|really|please|now|secure|strong|safe|good|weak|bad|ok|okay|enough)\b)/i

/**
 * The passwords that a person wrote into a question about them: in quotes, or the odd word out. None where
 * it may be several words, `undefined` where nothing was written that could be one.
 */
function typedPasswords(prompt: string): readonly string[] | undefined {
  const quoted = Array.from(prompt.matchAll(QUOTED), ([, inside = '']) => inside)
  if (quoted.length > 0) return quoted
  const [, named = '', rest = ''] = NAMED.exec(prompt) ?? []
  const word = named.replace(/[.,;:?]+$/, '')
  if (word === '' || PLAIN.test(word)) return undefined
  return GOES_ON.test(rest) ? [word] : []
}

const Made = z.object({ password: z.string() })
const MadeSeveral = z.object({ passwords: z.array(z.string()) })
const Remembered = z.object({ remembered: z.string() }).transform(({ remembered }) => remembered)
const Refused = z.object({ error: z.string() })

const leftToChance =
  'That no character occurs twice was left to chance here: nanoagent without chat tests it.'

/** The results of the tools in words. */
function told(plan: Plan, results: readonly unknown[]): string {
  const remembered = new Set(results.flatMap((result) => Remembered.safeParse(result).data ?? []))
  const others = results.filter((result) => !Remembered.safeParse(result).success)
  return [
    ...(remembered.size === 0 ? [] : [`I will remember that: ${[...remembered].join('; ')}.`]),
    ...(others.length === 0 ? [] : [toldOf(plan, others)]),
  ].join('\n\n')
}

function toldOf(plan: Plan, results: readonly unknown[]): string {
  const why = plan.noRepeats ? `${plan.why} ${leftToChance}` : plan.why
  return results
    .map((result, index) => {
      const one = Made.safeParse(result).data
      if (one !== undefined) return `Here it is:\n\n${one.password}\n\n${why}`
      const several = MadeSeveral.safeParse(result).data
      if (several !== undefined) {
        const list = several.passwords.map((password, index) => `${index + 1}. ${password}`)
        return `Here are ${list.length} to choose from:\n\n${list.join('\n')}\n\n${why}`
      }
      const report = StrengthReport.safeParse(result).data
      if (report !== undefined) {
        return results.length === 1 ? judged(report) : `${index + 1}. ${judged(report)}`
      }
      const refused = Refused.safeParse(result).data
      return refused === undefined ? 'That did not work.' : `That cannot be: ${refused.error}`
    })
    .join('\n\n')
}

function judged({ verdict, strength, score, checks, recommendations }: StrengthReport): string {
  const isEnough = verdict === 'PASS'
  const missed = checks
    .filter(({ passed }) => !passed)
    .map(({ name, detail }) => `${name} (${detail})`)
  return [
    `${isEnough ? 'Yes, it is secure enough' : 'No, it is not secure enough'}: ` +
      `it is ${strength.replace('_', ' ')}, ${score} of 5.`,
    ...(missed.length === 0 ? [] : [`What it lacks: ${missed.join(', ')}.`]),
    ...recommendations,
  ].join('\n')
}
