/** What every contender does: a task goes to a planner, an implementer and a tester, and back as a report. */

/** The agents: asynchronous, as those that ask a model are, and as quick as can be, so that what carries them shows. */
export const agents = {
  async planner({ text, length, symbols }) {
    return {
      goal: text,
      steps: ['Choose an alphabet', 'Draw characters', 'Check every class'],
      constraints: { length, symbols },
    }
  },
  async implementer({ goal, constraints }) {
    return {
      language: 'typescript',
      files: [{ path: 'src/password.ts', content: `// ${goal}, ${constraints.length} long` }],
      notes: 'No dependencies.',
    }
  },
  async tester({ files }) {
    const checks = files.map(({ path, content }) => ({
      name: path,
      passed: content.length > 0,
      detail: 'not empty',
    }))
    return { passed: checks.every(({ passed }) => passed), checks, score: 1 }
  },
}

/** The task of every run. */
export const task = { text: 'Generate a password', length: 16, symbols: true }

/** The report that it must end with. */
export const expectedReport = {
  passed: true,
  checks: [{ name: 'src/password.ts', passed: true, detail: 'not empty' }],
  score: 1,
}
