/** The data that a run on the bus ends with. */
export async function resultOf(run) {
  const { status, reason, message } = await run.result
  if (status !== 'completed') throw new Error(`the run ended as ${status}: ${reason}`)
  return message.data
}
