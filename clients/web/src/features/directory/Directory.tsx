/** The directory by itself: to write to colleagues or to begin a referral. */

import { words } from "../../i18n";
import { choosePractitioner } from "../referral/state";
import { Search } from "./Search";

export default function Directory() {
  return <Search title={words.value.search.directoryTitle} onBook={choosePractitioner} />;
}
