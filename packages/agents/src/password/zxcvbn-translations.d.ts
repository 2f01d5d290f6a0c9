// The package types only its index, which unpacks every list of words when it is imported.
declare module '@zxcvbn-ts/language-en/dist/translations.cjs' {
  import type { TranslationKeys } from '@zxcvbn-ts/core'

  const translations: TranslationKeys
  export default translations
}
