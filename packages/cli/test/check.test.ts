import { builtInTeams, mermaidOf, passwordTeam, wiringOf } from '@nanoagent/agents'
import { describe, expect, it } from 'vitest'
import { runCli } from './spawn-cli.ts'

const team = builtInTeams.password()

describe.concurrent('nanoagent check', { timeout: 30_000 }, () => {
  it('prints the wiring as a table and as a Mermaid flowchart', async () => {
    const { status, stdout, stderr } = await runCli(['check'])

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/^Team password: request\.submitted goes to planner, /)
    expect(stdout).toMatch(/^ {2}planner {6}request\.submitted {2}plan\.ready → implementer /m)
    expect(stdout.endsWith(`\n\n${mermaidOf(team)}\n`)).toBe(true)
  })

  it('prints the flowchart alone, to be piped', async () => {
    const { status, stdout } = await runCli(['check', '--mermaid', '--team', 'password'])

    expect({ status, stdout }).toEqual({ status: 0, stdout: `${mermaidOf(team)}\n` })
  })

  it('prints that of any team, with whoever is added to it', async () => {
    const full = await runCli(['check', '--mermaid', '--team', 'password-full'])
    const added = await runCli(['check', '--mermaid', '--with', 'ux-writer'])

    expect(full.stdout).toBe(`${mermaidOf(builtInTeams['password-full']())}\n`)
    expect(added.stdout).toBe(`${mermaidOf(passwordTeam({ with: ['ux-writer'] }))}\n`)
  })

  it('prints both as JSON', async () => {
    const { status, stdout } = await runCli(['check', '--json'])

    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toEqual({ ...wiringOf(team), mermaid: mermaidOf(team) })
  })

  it('names the teams where it does not know one, in one line', async () => {
    const { status, stdout, stderr } = await runCli(['check', '--team', 'nobody'])

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(
      /^nanoagent: .*'nobody' is invalid: choose one of password, password-full.*\n$/,
    )
  })
})
