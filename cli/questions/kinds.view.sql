-- kinds
-- zh: 记录种类的分类
-- en: What each kind of entry is: the one place that says which acts are a seeing. A kind unknown here is shown rather than missed
-- parameters:
SELECT kind, class
FROM (VALUES
  ('certificate_read', 'seeing'),
  ('certificate_history_read', 'seeing'),
  ('certificate_collected', 'certificate'),
  ('certificate_corrected', 'certificate'),
  ('certificate_reviewed', 'certificate'),
  ('certificate_issued', 'certificate'),
  ('certificate_supersession_collected', 'certificate'),
  ('certificate_superseded', 'certificate'),
  ('certificate_suspended', 'certificate'),
  ('certificate_reinstated', 'certificate'),
  ('certificate_revoked', 'certificate'),
  ('token_granted', 'sign-in'),
  ('token_refused', 'sign-in'),
  ('unit_registered', 'administration'),
  ('person_registered', 'administration'),
  ('system_registered', 'administration'),
  ('catalog_entry_published', 'administration'),
  ('root_established', 'administration'),
  ('platform_key_certified', 'administration'),
  ('unit_key_certified', 'administration'),
  ('unit_certificate_rotated', 'administration'),
  ('unit_certificate_revoked', 'administration'),
  ('status_generation_opened', 'administration'),
  ('subject_erased', 'administration'),
  ('status_list_published', 'publication'),
  ('status_list_archived', 'publication'),
  ('crl_published', 'publication'),
  ('transfer_requested', 'transfer'),
  ('transfer_part_prepared', 'transfer'),
  ('transfer_prepared', 'transfer'),
  ('transfer_refused', 'transfer'),
  ('transfers_listed', 'transfer'),
  ('transfer_read', 'transfer'),
  ('audit_entries_read', 'audit'),
  ('audit_entry_proven', 'audit')
) AS known (kind, class)
