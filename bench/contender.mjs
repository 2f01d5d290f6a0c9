import { deepStrictEqual } from 'node:assert/strict'

/**
 * Creates the contender of this name, whose file in the folder exports `title` and `create`. It is
 * loaded only now: what it needs may have to be installed first.
 */
export async function loadContender(name, folder, scenario) {
  return createContender(name, await import(new URL(`${name}.mjs`, folder)), scenario)
}

/**
 * Creates a contender, and makes sure that it really does the work. `create()` gives `run(task)`, a
 * promise of the report, and `close()`.
 */
export async function createContender(name, { title, create }, { task, expectedReport }) {
  const contender = await create()
  deepStrictEqual(await contender.run(task), expectedReport, `'${name}' gave another report`)
  return { name, title, ...contender }
}
