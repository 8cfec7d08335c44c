/** The whole screen by the state of the session: loading, signed out, not verified, or the application. */

import "../../ui/tokens.css";
import "../../ui/base.css";
import "./shell.css";
import "../../ui/large.css";
import { words } from "../../i18n";
import { isReachable } from "../../runtime/runtime";
import { Announcements } from "../../ui/announcer";
import { Logo } from "../../ui/Icon";
import { lazyScreen } from "../../ui/lazyScreen";
import { session } from "../account/state";
import { Shell } from "./Shell";

const SignIn = lazyScreen(() => import("../account/SignIn"), isReachable);
const NotVerified = lazyScreen(() => import("../account/NotVerified"), isReachable);

export function App() {
  const now = session.value;
  return (
    <>
      {now.state === "unknown" && <Splash />}
      {now.state === "signed-out" && <SignIn why={now.why} />}
      {now.state === "not-verified" && <NotVerified me={now.me} />}
      {now.state === "signed-in" && <Shell />}
      <Announcements />
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
