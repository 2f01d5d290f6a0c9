import type { ReadingQuery } from '@nanoagent/bus'
import type { FilterFlags } from './command-line.ts'

/** What the options ask for. */
export function queryOf(flags: FilterFlags): ReadingQuery {
  const { status, team, thread, text, since, until } = flags
  return {
    ...(status === undefined ? {} : { status }),
    ...(team === undefined ? {} : { team }),
    ...(thread === undefined ? {} : { thread }),
    ...(text === undefined ? {} : { text }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  }
}

/** What to say where nothing is shown. */
export function nothingFound(what: string, flags: FilterFlags): string {
  return Object.keys(queryOf(flags)).length === 0 && flags.forksOf === undefined
    ? `The journal has no ${what}.`
    : `The journal has no such ${what}: ask for less to see others.`
}
