-- CreateIndex
CREATE INDEX "tag_months_month_idx" ON "tag_months"("month");
