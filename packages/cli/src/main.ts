#!/usr/bin/env node
// Runs on any Node that knows dynamic import, so nothing is imported before the version is checked.

const oldest = 24

if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `nanoagent: needs Node.js ${oldest} or newer, this is ${process.versions.node}: ` +
      `install Node.js ${oldest} from https://nodejs.org and run the same command again\n`,
  )
  process.exitCode = 2
} else {
  process.getBuiltinModule('node:module').enableCompileCache()
  const { runCli } = await import('./cli.ts')
  process.exit(await runCli(process.argv.slice(2)))
}

export {}
