// Socket.io with its Redis adapter: people with a signed token join their groups and hear what is published there.
//
// Environment: PORT, REDIS_URL, JWT_SECRET, WEB_CONCURRENCY (processes; 1). SIGTERM ends it.

import cluster from "node:cluster";
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import jwt from "jsonwebtoken";
import { createClient } from "redis";
import { Server } from "socket.io";

const { PORT, REDIS_URL, JWT_SECRET } = process.env;
const processes = Number(process.env.WEB_CONCURRENCY ?? 1);

// Only WebSockets: a socket then stays with the process that accepted it, and nothing needs to be sticky.
const options = { transports: ["websocket"], perMessageDeflate: false, serveClient: false, pingInterval: 25_000 };

function authenticate(socket, next) {
  try {
    const claims = jwt.verify(socket.handshake.auth.token, JWT_SECRET, { algorithms: ["HS256"] });
    socket.data.userId = claims.userId;
    socket.data.groups = claims.groups;
    next();
  } catch {
    next(new Error("NOT_AUTHENTICATED"));
  }
}

function welcome(socket) {
  socket.on("join-group", (groupId, ack) => {
    if (typeof ack !== "function") return;
    if (!socket.data.groups.includes(groupId)) {
      ack({ error: "NOT_FOUND" });
      return;
    }
    socket.join(groupId);
    ack({ groupId });
  });
}

async function serve() {
  const publisher = createClient({ url: REDIS_URL });
  const subscriber = publisher.duplicate();
  for (const client of [publisher, subscriber]) client.on("error", (error) => console.error(error.message));
  await Promise.all([publisher.connect(), subscriber.connect()]);

  // The health check; Socket.io takes the requests for its own path.
  const http = createServer((request, response) => {
    response.writeHead(request.url === "/health/ready" ? 200 : 404).end();
  });
  const io = new Server(http, { ...options, adapter: createAdapter(publisher, subscriber) });
  io.use(authenticate);
  io.on("connection", welcome);
  http.listen({ port: Number(PORT), host: "127.0.0.1", backlog: 2048 });
  process.on("SIGTERM", () => process.exit(0));
}

if (cluster.isPrimary && processes > 1) {
  for (let count = 0; count < processes; count += 1) cluster.fork();
  process.on("SIGTERM", () => process.exit(0)); // the workers end when the channel to it closes
} else {
  await serve();
}
