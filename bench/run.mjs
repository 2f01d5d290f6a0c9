import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { circumstances } from './machine.mjs'
import { measures } from './measures/index.mjs'
import { helpText, parseOptions } from './options.mjs'
import { build, installPeers } from './prerequisites.mjs'

const BENCH = import.meta.dirname

process.exitCode = await main()

/** Takes the measures, prints them, keeps them in `results/latest.json`; gives the exit code. */
async function main() {
  let options
  try {
    options = parseOptions(process.argv.slice(2), measures)
  } catch (error) {
    console.error(`bench: ${error.message.split('\n')[0]}`)
    return 2
  }
  if (options.help) {
    console.log(helpText(measures))
    return 0
  }
  try {
    await bench(options)
    return 0
  } catch (error) {
    console.error(`bench: ${error.message}`)
    return 1
  }
}

async function bench({ only, quick, json }) {
  if (Number.parseInt(process.versions.node, 10) < 24) {
    throw new Error(`this is Node ${process.versions.node}, it takes 24: use 'pnpm bench'`)
  }
  installPeers(progress)
  build('bus', progress)
  const results = { ...circumstances(), isQuick: quick, measures: {} }
  if (!json) console.log(heading(results))
  for (const { name, flags = [], report } of measures) {
    if (only.length > 0 && !only.includes(name)) continue
    progress(`measuring ${name}`)
    const data = await inChild(name, flags, quick)
    results.measures[name] = data
    if (!json) console.log(`\n${report(data)}`)
  }
  const text = `${JSON.stringify(results, undefined, 2)}\n`
  mkdirSync(join(BENCH, 'results'), { recursive: true })
  writeFileSync(join(BENCH, 'results', 'latest.json'), text)
  if (json) process.stdout.write(text)
  else console.log('\nAlso in bench/results/latest.json')
}

/** Takes one measure in a process of its own, so that none of them disturbs another. */
async function inChild(name, flags, quick) {
  const child = fork(join(BENCH, 'measure.mjs'), [name, ...(quick ? ['quick'] : [])], {
    execArgv: flags,
    env: withoutTracing(process.env),
  })
  let data
  child.on('message', (message) => {
    data = message
  })
  const [code, signal] = await once(child, 'close')
  if (code === 0 && data !== undefined) return data
  throw new Error(`measuring ${name} failed with ${signal ?? `exit code ${code}`}`)
}

/**
 * Tracing, telemetry and debugging would slow peers down and send their runs away; NODE_OPTIONS change
 * every Node.
 */
function withoutTracing(env) {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(LANGCHAIN|LANGSMITH)_|^(NODE_OPTIONS|DEBUG)$/.test(name),
  )
  return {
    ...Object.fromEntries(kept),
    MASTRA_TELEMETRY_DISABLED: '1',
    OPENAI_AGENTS_DISABLE_TRACING: '1',
  }
}

function heading({ node, machine, date, commit, isModified, isQuick }) {
  const { platform, processor, processors, memoryGib } = machine
  const source = commit === undefined ? '' : `, commit ${commit.slice(0, 10)}`
  return [
    `nanoagent benchmark, ${date}${source}${isModified ? ' with changes' : ''}`,
    `Node ${node.slice(1)}, ${platform}, ${processors} × ${processor}, ${memoryGib} GiB`,
    ...(isQuick ? ['A quick run: a smoke test, not a measurement.'] : []),
  ].join('\n')
}

function progress(text) {
  console.error(`· ${text}`)
}
