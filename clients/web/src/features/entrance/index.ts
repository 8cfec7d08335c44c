export { AuthLayout } from "./AuthLayout";
export { PhoneProof } from "./PhoneProof";
