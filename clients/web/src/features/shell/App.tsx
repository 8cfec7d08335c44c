/** The whole screen by the state of the session: loading, signed out, not verified, or the application. */

import "../../ui/tokens.css";
import "../../ui/base.css";
import "./shell.css";
import "../../ui/large.css";
import { words } from "../../i18n";
import { locked } from "../../runtime/lock";
import { route } from "../../runtime/routes";
import { isReachable } from "../../runtime/runtime";
import { Announcements } from "../../ui/announcer";
import { Logo } from "../../ui/Icon";
import { lazyScreen } from "../../ui/lazyScreen";
import { session } from "../account/state";
import { LockScreen } from "../lock";
import { confirmation, keepingCodes } from "../security/uiState";
import { Shell } from "./Shell";

const SignIn = lazyScreen(() => import("../account/SignIn"), isReachable);
const Forgotten = lazyScreen(() => import("../account/Forgotten"), isReachable);
const NewPassword = lazyScreen(() => import("../account/NewPassword"), isReachable);
const Invitation = lazyScreen(() => import("../signup/Invitation"), isReachable);
const Activation = lazyScreen(() => import("../signup/Activation"), isReachable);
const SetUp = lazyScreen(() => import("../security/SetUp"), isReachable);
const Confirm = lazyScreen(() => import("../security/Confirm"), isReachable, true);
const Confirmed = lazyScreen(() => import("../security/Confirmed"), isReachable);
const Security = lazyScreen(() => import("../security/Security"), isReachable);
const Profile = lazyScreen(() => import("../profile/Profile"), isReachable);
const SignUp = lazyScreen(() => import("../signup/SignUp"), isReachable);
const Verification = lazyScreen(() => import("../verification/Verification"), isReachable);

export function App() {
  if (locked.value) return <LockScreen />;
  return (
    <>
      <Screen />
      {confirmation.value && <Confirm />}
      <Announcements />
    </>
  );
}

function Screen() {
  const now = session.value;
  const { name } = route.value;
  if (now.state === "unknown") return <Splash />;
  // What somebody came for by a link out of a mail, whoever is signed in here.
  if (name === "invitation") return <Invitation />;
  if (name === "activation") return <Activation />;
  if (name === "new-password") return <NewPassword />;
  if (name === "confirmed") return <Confirmed />;
  // The socket connects anew as soon as there is a factor, and whoever is here still has its codes to keep.
  if (now.state === "single-factor" || (now.state === "signed-in" && keepingCodes.value)) return <SetUp />;
  // Made with a card, an account is verified before its last step is shown.
  if (now.state === "signed-in" && name === "sign-up") return <SignUp />;
  if (now.state === "signed-in" && name === "verification") return <Verification />;
  if (now.state === "signed-in") return <Shell />;
  if (now.state === "signed-out") {
    if (name === "sign-up") return <SignUp />;
    return name === "forgotten" ? <Forgotten /> : <SignIn why={now.why} />;
  }
  if (name === "sign-up") return <SignUp />;
  if (name === "profile" || name === "security")
    return <main class="alone">{name === "profile" ? <Profile /> : <Security />}</main>;
  return <Verification />;
}

function Splash() {
  return (
    <main class="splash">
      <Logo />
      <p class="late">{words.value.loading}</p>
    </main>
  );
}
