import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type ExtractorMessage,
} from '@microsoft/api-extractor'
import type { EntryPoint, Package } from './manifests.ts'

/** The public API of an entry point. */
export interface ApiReport {
  /** Every export with its signature, sorted by name. */
  readonly text: string
  /** What the exports name and the entry point does not export. */
  readonly forgotten: readonly string[]
}

const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  types: ['node'],
}

/** Reads the built declarations of an entry point. */
export async function reportOn(from: Package, entryPoint: EntryPoint): Promise<ApiReport> {
  const folder = await mkdtemp(join(tmpdir(), 'nanoagent-api-'))
  const forgotten: string[] = []
  try {
    const declarations = join(from.folder, entryPoint.types)
    const config = ExtractorConfig.prepare({
      packageJsonFullPath: join(from.folder, 'package.json'),
      configObjectFullPath: undefined,
      configObject: {
        projectFolder: from.folder,
        mainEntryPointFilePath: declarations,
        newlineKind: 'lf',
        compiler: { overrideTsconfig: { compilerOptions, files: [declarations] } },
        apiReport: {
          enabled: true,
          reportFileName: 'report.api.md',
          reportFolder: folder,
          reportTempFolder: folder,
          // Of the main entry point only: a subpath would repeat what it takes from there.
          includeForgottenExports: entryPoint.name === from.name,
        },
        messages: {
          extractorMessageReporting: {
            'ae-forgotten-export': { logLevel: ExtractorLogLevel.Warning },
          },
        },
        docModel: { enabled: false },
        dtsRollup: { enabled: false },
        tsdocMetadata: { enabled: false },
      },
    })
    const messageCallback = (message: ExtractorMessage): void => {
      const [, symbol] = /^The symbol "(.+?)" needs to be exported/.exec(message.text) ?? []
      if (message.messageId === 'ae-forgotten-export' && symbol !== undefined)
        forgotten.push(symbol)
      // Silent: what is worth saying is in the report.
      message.handled = true
    }
    Extractor.invoke(config, { localBuild: true, messageCallback })
    const report = await readFile(join(folder, 'report.api.md'), 'utf8')
    return { text: signaturesOf(report), forgotten: [...new Set(forgotten)].sort() }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The code of a report without its remarks on documentation. */
function signaturesOf(report: string): string {
  const [, code = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(report) ?? []
  return code
    .replace(/^\/\/ (?:Warnings were encountered|\(No @packageDocumentation)[\s\S]*/m, '')
    .replace(/^ *\/\/ (?:@public.*|\(undocumented\)|Warning:.*|)\n/gm, '')
    .trim()
}
