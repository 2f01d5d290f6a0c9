import { z } from 'zod'
import { concerns, Preference } from '../password/index.ts'
import type { WorkMemory } from '../worker.ts'
import { tagged } from './prompts.ts'

/** What the keys of preferences begin with. */
const KEY = 'preference'

/** Remembers preferences. Of several about one aspect of one purpose the last one counts. */
export function rememberPreferences(memory: WorkMemory, preferences: readonly Preference[]): void {
  for (const preference of preferences) {
    const { purpose, about } = preference
    const what = purpose.trim().toLowerCase() || 'general'
    memory.set(`${KEY} ${what} ${about}`, preference)
  }
}

/** The remembered preferences that may be for what a text is about, newest first. */
export async function preferencesFor(
  memory: WorkMemory,
  text: string,
): Promise<readonly Preference[]> {
  const found = await memory.search(KEY)
  return found.flatMap(({ key, value }) => {
    const preference = Preference.safeParse(value).data
    const isIt = key.startsWith(`${KEY} `) && preference !== undefined
    return isIt && concerns(preference, text) ? [preference] : []
  })
}

const TAG = 'preferences'

/** Instructions with preferences behind them: JSON in one line. */
export function withPreferences(instructions: string, preferences: readonly Preference[]): string {
  return preferences.length === 0 ? instructions : `${instructions}\n${told(preferences)}`
}

/** A prompt with preferences before it: JSON in one line, so that nothing in it can look like their end. */
export function afterPreferences(prompt: string, preferences: readonly Preference[]): string {
  return preferences.length === 0 ? prompt : `${told(preferences)}\n${prompt}`
}

function told(preferences: readonly Preference[]): string {
  return tagged(TAG, JSON.stringify(preferences))
}

/** The preferences that a prompt begins with or instructions end with. */
export function toldPreferences(text: string): readonly Preference[] {
  const json = (BEFORE.exec(text) ?? BEHIND.exec(text))?.[1]
  return json === undefined ? [] : z.array(Preference).parse(JSON.parse(json))
}

const BEFORE = new RegExp(`^<${TAG}>\\n(.*)\\n</${TAG}>\\n`)
const BEHIND = new RegExp(`\\n<${TAG}>\\n(.*)\\n</${TAG}>$`)
