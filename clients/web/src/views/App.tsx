/** Which door stands open: nothing is known yet, signed out, not verified, or inside. */

import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/shell.css";
import { words } from "../i18n";
import { session } from "../store";
import { Logo } from "../ui/Icon";
import { Voices } from "../ui/say";
import { NotVerified } from "./NotVerified";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";

export function App() {
  const now = session.value;
  return (
    <>
      {now.state === "unknown" && <Splash />}
      {now.state === "signed-out" && <SignIn ended={now.why === "ended"} />}
      {now.state === "not-verified" && <NotVerified me={now.me} />}
      {now.state === "signed-in" && <Shell />}
      <Voices />
    </>
  );
}

function Splash() {
  return (
    <main class="splash">
      <Logo />
      <p class="late">{words.value.loading}</p>
    </main>
  );
}
