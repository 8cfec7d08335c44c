/** The whole screen by the state of the session: loading, signed out, not verified, or the application. */

import "../../ui/tokens.css";
import "../../ui/base.css";
import "./shell.css";
import "../../ui/large.css";
import { words } from "../../i18n";
import { route } from "../../runtime/routes";
import { isReachable } from "../../runtime/runtime";
import { Announcements } from "../../ui/announcer";
import { Logo } from "../../ui/Icon";
import { lazyScreen } from "../../ui/lazyScreen";
import { session } from "../account/state";
import { Shell } from "./Shell";

const SignIn = lazyScreen(() => import("../account/SignIn"), isReachable);
const SignUp = lazyScreen(() => import("../signup/SignUp"), isReachable);
const NotVerified = lazyScreen(() => import("../account/NotVerified"), isReachable);

export function App() {
  return (
    <>
      <Screen />
      <Announcements />
    </>
  );
}

function Screen() {
  const now = session.value;
  const { name } = route.value;
  if (now.state === "unknown") return <Splash />;
  if (now.state === "signed-in") return <Shell />;
  if (name === "sign-up" || (name === "invitation" && now.state === "signed-out")) return <SignUp />;
  if (now.state === "not-verified") return <NotVerified me={now.me} />;
  return <SignIn why={now.why} />;
}

function Splash() {
  return (
    <main class="splash">
      <Logo />
      <p class="late">{words.value.loading}</p>
    </main>
  );
}
