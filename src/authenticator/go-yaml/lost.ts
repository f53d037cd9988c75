/** Why a list is lost as a whole, at an offset into its text. Thrown and caught within this folder. */
export class Lost extends Error {
  readonly offset: number;

  constructor(why: string, offset: number) {
    super(why);
    this.offset = offset;
  }
}
