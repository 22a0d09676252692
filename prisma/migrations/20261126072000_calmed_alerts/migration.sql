-- When an alert that tells at once had met so much in a day that it became a daily one.
ALTER TABLE "alerts" ADD COLUMN "calmed_at" TIMESTAMPTZ(3);
