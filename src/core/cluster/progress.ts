/** What the life-cycle verbs tell the user while they work. */
export interface Progress {
  /** The machine it is about; the cluster as a whole when absent. */
  machine?: string;
  message: string;
}

export type Report = (progress: Progress) => void;
