/** The directory by itself: the same search, to write to people or to begin a referral. */

import "../../styles/referral.css";
import { Search } from "./Search";

export default function Directory() {
  return <Search kind="directory" />;
}
