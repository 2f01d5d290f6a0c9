import { describe, expect, it } from 'vitest'
import { runCli } from './spawn-cli.ts'

/** The lines of what was printed between two of them, without these. */
function between(text: string, from: string, until: string): readonly string[] {
  const lines = text.split('\n')
  return lines.slice(lines.indexOf(from) + 1, lines.indexOf(until))
}

const full = ['--mock', '--team', 'password-full']

describe.concurrent('the full team', { timeout: 30_000 }, () => {
  it('shows its phases, who asks whom, and what each of them found', async () => {
    const { status, stdout, stderr } = await runCli([...full, 'a Wi-Fi password for guests'])

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const phases = stdout.split('\n').filter((line) => line.includes('PHASE'))
    expect(phases).toEqual([
      ...['📋 PHASE 1: PLANNING', '🔧 PHASE 2: IMPLEMENTATION', '🧪 PHASE 3: TESTING'],
      ...['🔍 PHASE 4: SECURITY AUDIT', '📝 PHASE 5: GUIDANCE', '🏁 PHASE 6: REVIEW'],
    ])
    const branches = between(stdout, '📝 PHASE 5: GUIDANCE', '🏁 PHASE 6: REVIEW')
    expect(branches.every((line) => line === '' || /^ {2}\[[A-Z-]+\] /.test(line))).toBe(true)
    for (const line of [
      '  [PLANNER] The password is for: Wi-Fi, guests.',
      '  [ux-writer → planner]: What is the password for?',
      '  [planner → ux-writer]: It is for: Wi-Fi, guests.',
      '  [security-auditor → reviewer]: Audit complete. Verdict: PASS. Handing off to Reviewer.',
      '  [reviewer → coordinator]: Review complete. Verdict: PASS',
      '**Guidance** (Wi-Fi, guests):',
      '- Say: Show guests the card or the QR code instead of saying it.',
      '- Security Auditor: PASS, no finding speaks against it.',
    ]) {
      expect(stdout.split('\n')).toContain(line)
    }
    expect(between(stdout, '**Security Audit**:', '**Guidance** (Wi-Fi, guests):')).toEqual([
      '- Verdict: ✅ PASS. Nothing was found that attackers could use.',
      expect.stringMatching(
        /^- ✓ Length: 16 .* \[NIST SP 800-63B-4 §3\.1\.1\.2 \(1\); OWASP ASVS 5\.0\.0 V6\.2\.1\]$/,
      ),
      expect.stringMatching(/^- ✓ Characters: /),
      expect.stringMatching(/^- ✓ Common passwords: .* OWASP ASVS 5\.0\.0 V6\.2\.4, V6\.2\.12\]$/),
      expect.stringMatching(/^- ✓ Personal words: /),
      expect.stringMatching(/^- [✓!] Patterns( \(low\))?: /),
      expect.stringMatching(/^- ✓ Entropy: About 103 bits /),
      '',
    ])
  })

  it('prints audit, guidance and review for programs', async () => {
    const { status, stdout } = await runCli([...full, '--json', 'a 6-digit PIN'])
    const { context, history } = JSON.parse(stdout)

    expect(status).toBe(0)
    expect(context).toMatchObject({
      testResults: { verdict: 'PASS' },
      audit: { verdict: 'PASS', summary: expect.stringContaining('use as a PIN') },
      guidance: { keep: expect.any(Array), type: expect.any(Array), say: expect.any(Array) },
      review: { verdict: 'PASS', attempt: expect.any(Number), of: 3 },
    })
    expect(context.audit.findings).toContainEqual(
      expect.objectContaining({
        severity: 'low',
        requirements: expect.arrayContaining(['NIST SP 800-63B-4 §3.2.10']),
      }),
    )
    expect(history.map(({ type }: { type: string }) => type)).toEqual(
      expect.arrayContaining(['purpose.asked', 'purpose.explained', 'checks.joined']),
    )
  })

  it('exits with 3 where the auditor alone fails the password', async () => {
    const { status, stdout, stderr } = await runCli([...full, 'a passphrase of 3 words'])

    expect({ status, stderr }).toEqual({ status: 3, stderr: '' })
    expect(stdout).toContain('- Verdict: ✅ PASS\n\n**Security Checks**')
    expect(stdout).toMatch(/\n- ✗ Entropy \(medium\): About 38 bits .*: six are about 77 bits\. \[/)
    expect(stdout).toMatch(/\*\*Review\*\*:\n- Verdict: ❌ FAIL\n- Tester: PASS/)
    expect(stdout).not.toContain('Handing back')
  })
})

describe.concurrent('a team with specialists', { timeout: 30_000 }, () => {
  it.for([
    { added: 'security-auditor', sections: ['Security Audit', 'Review'] },
    { added: 'ux-writer', sections: ['Guidance', 'Review'] },
    { added: ' ux-writer, security-auditor ', sections: ['Security Audit', 'Guidance', 'Review'] },
  ])('has their sections: $added', async ({ added, sections }) => {
    const { status, stdout } = await runCli(['--mock', '--with', added, 'a password'])

    expect(status).toBe(0)
    const found = ['Security Audit', 'Guidance', 'Review'].filter((section) =>
      stdout.includes(`\n**${section}**`),
    )
    expect(found).toEqual(sections)
  })

  it('is the usual one without any, with nothing of theirs', async () => {
    const { stdout } = await runCli(['--mock', '--json', 'a password'])

    expect(JSON.parse(stdout).context).toMatchObject({ audit: null, guidance: null, review: null })
  })

  it('is refused in one line where nobody plays a role', async () => {
    const { status, stdout, stderr } = await runCli(['--mock', '--with', 'nobody', 'a password'])

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(
      /^nanoagent: .*: no specialist plays 'nobody', they are security-auditor, ux-writer; .*\n$/,
    )
  })
})
