import { measures } from './measures/index.mjs'

/** Takes the measure whose name is the first argument and sends its data to the process that started this one. */

const [name, quick] = process.argv.slice(2)
const { measure } = measures.find((candidate) => candidate.name === name)
const data = await measure({ quick: quick === 'quick' })
process.send(data, () => process.exit())
