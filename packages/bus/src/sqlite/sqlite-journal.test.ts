import { temporaryFolder } from '../../test/temporary-folder.ts'
import type { Journal } from '../journal.ts'
import { describeContract } from '../testing/contract/describe-contract.ts'
import type { ContractDriver } from '../testing/contract/driver.ts'
import { createVirtualRuntime, idle } from '../testing/virtual-runtime.ts'
import { wrapJournal } from '../testing/wrap-journal.ts'
import { openJournal } from './open-journal.ts'

describeContract({
  name: 'SQLite journal',
  open: async () => {
    const runtime = createVirtualRuntime()
    const folder = temporaryFolder()
    const journal = await openJournal(folder.file('journal.db'), { runtime })
    return { ...counted(journal), runtime, dispose: () => folder[Symbol.dispose]() }
  },
})

/** The same journal, of which one knows when it has answered everything. */
function counted(journal: Journal): Pick<ContractDriver, 'journal' | 'idle'> {
  let pending = 0
  const count = <T>(answer: Promise<T>): Promise<T> => {
    pending++
    return answer.finally(() => pending--)
  }
  return {
    journal: wrapJournal(journal, {
      append: (batch, lease) => count(journal.append(batch, lease)),
      acquire: (runId, owner) => count(journal.acquire(runId, owner)),
      renew: (lease) => count(journal.renew(lease)),
      release: (lease) => count(journal.release(lease)),
      close: () => count(journal.close()),
    }),
    async idle() {
      do await idle()
      while (pending > 0)
      await idle()
    },
  }
}
