/** Calls with 1, 2, 3 … until a call says that there is no more, some at once. */
export async function inParallel(
  atOnce: number,
  work: (n: number) => Promise<boolean>,
): Promise<void> {
  let next = 1
  let isOver = false
  const worker = async () => {
    while (!isOver) if (!(await work(next++))) isOver = true
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}
