export { NotVerified } from "./NotVerified";
export { SignIn } from "./SignIn";
