/** What other features may know of files on their way. Import it from lazily loaded screens only. */

export { MOST, remove, uploadOf } from "./uploads";
