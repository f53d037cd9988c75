/** In the place of each module that only the full program has: whoever imports it has left the front's part. */
import { host } from "./host.ts";

host.handOver();
