/** What one check found. Texts are one line, and hold nothing of the API key. */
export interface Finding {
  /** `limited` works, with what the detail says. `skipped` was not asked, since an earlier one failed. */
  readonly status: 'ok' | 'limited' | 'failed' | 'skipped'
  readonly detail: string
  /** What to do about it, where the detail does not say it. */
  readonly nextStep?: string
}
