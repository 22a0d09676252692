import net from 'node:net';
import { provideSettings } from '../../lib/config.ts';
import { closeMail } from '../../lib/mail/send.ts';

export interface GrumpyMailServer {
  /** Recipients of the mails that were taken, in order. */
  taken: string[];
  stop(): Promise<void>;
}

/** Says what the server answers to a line, or to the end of a text (`.`); undefined: yes. */
type Mood = (line: string, recipient: string) => string | undefined;

/**
 * Starts a mail server that refuses what its mood refuses, as SMTP_URL. An answer of `hang up`
 * ends the connection without one.
 */
export async function startGrumpyMailServer(mood: Mood): Promise<GrumpyMailServer> {
  const taken: string[] = [];
  const server = net.createServer((socket) => {
    let [rest, recipient, isText] = ['', '', false];
    const say = (line: string, usual: string) => {
      const answer = mood(line, recipient) ?? usual;
      if (answer === 'hang up') socket.destroy();
      else socket.write(`${answer}\r\n`);
      return answer;
    };
    const hear = (line: string) => {
      if (isText && line !== '.') return;
      if (isText) {
        isText = false;
        if (say('.', '250 taken').startsWith('2')) taken.push(recipient);
        return;
      }
      recipient = /^RCPT TO:<(.*)>/iu.exec(line)?.[1] ?? recipient;
      isText = say(line, line === 'DATA' ? '354 go on' : '250 yes').startsWith('354');
    };
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      const lines = (rest + bytes.toString()).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) hear(line);
    });
    say('', '220 hm');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  provideSettings({ SMTP_URL: `smtp://127.0.0.1:${port}` });
  return {
    taken,
    async stop() {
      closeMail();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
