/** The directory by itself: to write to colleagues or to begin a referral. */

import { choosePractitioner } from "../referral/state";
import { Search } from "./Search";
import { directoryWords } from "./words";

export default function Directory() {
  return <Search title={directoryWords.value.directoryTitle} onBook={choosePractitioner} />;
}
