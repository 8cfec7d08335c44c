import { render } from "preact";
import * as account from "./features/account/state";
import { App } from "./features/shell/App";
import * as installing from "./runtime/installing";
import * as lock from "./runtime/lock";
import * as routes from "./runtime/routes";
import * as runtime from "./runtime/runtime";

routes.listen();
installing.listen();
runtime.listen();
void lock.begin(account.begin);
render(<App />, document.getElementById("app")!);
