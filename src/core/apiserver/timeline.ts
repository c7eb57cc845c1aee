/** When revisions came, to the second: the store counts changes and knows no times. */

const everyMs = 1000;
/** An hour of steady changes, and so more than history is usually kept. */
const marksMax = 3600;

export class Timeline {
  /** The first change of each second in which there was one. */
  #marks: { revision: number; at: number }[] = [];

  /** Nobody can tell when `revision` and all before it came. */
  restart(): void {
    this.#marks = [];
  }

  /** `revision` has just come. */
  note(revision: number, now: number): void {
    const last = this.#marks.at(-1);
    if (last && now - last.at < everyMs) return;
    this.#marks.push({ revision, at: now });
    if (this.#marks.length >= 2 * marksMax) this.#marks = this.#marks.slice(-marksMax);
  }

  timeOf(revision: number): number | undefined {
    return this.#marks.findLast((mark) => mark.revision <= revision)?.at;
  }
}
