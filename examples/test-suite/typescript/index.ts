import * as pulumi from "@pulumi/pulumi";
import { trainer } from "./trainer";

const config = new pulumi.Config();

export const { machine, login, expiresAt } = trainer({ autoRenew: config.getBoolean("autoRenew") });
